"""Phrases of the diagram of a source's objects."""

from __future__ import annotations

PHRASES: dict[str, tuple[str, str]] = {
    "objects.title": (
        "{n} objects with {rows} records make up this log",
        "{n}種類のオブジェクト、{rows}件のレコードから作成",
    ),
    "objects.lost": ("; {n} [n?record reaches|records reach] no deal", "（うち{n}件は商談につながらず）"),
    "objects.note": (
        "Records read per object. Dashed: not in the source. Warm: reaches no deal, or its history begins late.",
        "オブジェクトごとの読込件数。破線はデータなし、暖色は商談につながらないレコード、または途中から始まる履歴です。",
    ),
    "objects.none": (
        "This log was not made from the objects of an org, so there is nothing to draw.",
        "このログはSalesforceのオブジェクトから作られていないため、表示する図はありません。",
    ),
    "objects.missing": ("not in the source", "データなし"),
    "objects.without": ("{n} without a deal", "商談なし {n}件"),
    "objects.each": ("{n} per deal", "1商談あたり{n}件"),
    "objects.since": ("since {date}", "{date}以降"),
    "objects.Lead": ("Leads", "リード"),
    "objects.Opportunity": ("Opportunities", "商談"),
    "objects.Quote": ("Quotes", "見積"),
    "objects.Contract": ("Contracts", "契約"),
    "objects.Order": ("Orders", "注文"),
    "objects.Invoice": ("Invoices", "請求書"),
    "objects.Payment": ("Payments", "入金"),
    "objects.LeadHistory": ("Lead history", "リード項目履歴"),
    "objects.Task": ("Tasks", "ToDo"),
    "objects.Event": ("Meetings", "行動"),
    "objects.OpportunityHistory": ("Stage history", "商談フェーズ履歴"),
    "objects.OpportunityFieldHistory": ("Field history", "商談項目履歴"),
    "objects.OpportunityLineItem": ("Product lines", "商談商品"),
    "objects.QuoteHistory": ("Quote history", "見積履歴"),
    "objects.SBQQ__Quote__History": ("Quote history", "見積履歴"),
    "objects.ProcessInstanceStep": ("Approval steps", "承認ステップ"),
    "objects.sbaa__ApprovalRequest__c": ("Approval requests", "承認申請"),
    "objects.ContractHistory": ("Contract history", "契約履歴"),
    "objects.OrderHistory": ("Order history", "注文履歴"),
    "objects.OrderItemHistory": ("Order line history", "注文商品履歴"),
    "objects.FulfillmentOrder": ("Fulfilment orders", "履行注文"),
    "objects.CreditMemoInvApplication": ("Credit notes", "クレジットメモ"),
    "objects.CreditMemo": ("Credit notes", "クレジットメモ"),
    "objects.blng__CreditNote__c": ("Credit notes", "クレジットメモ"),
    "objects.PaymentLineInvoice": ("Allocations", "入金割当"),
    "objects.blng__PaymentAllocationInvoice__c": ("Allocations", "入金割当"),
}

# What the guide says beside a place in Salesforce, where that is prose and no condition.
PLACES: tuple[tuple[str, str], ...] = (
    ("or a custom field of the org", "または組織のカスタム項目"),
    ("a custom field in most orgs", "多くの組織ではカスタム項目"),
    ("it differs from the row before", "直前の行と異なる場合"),
    ("a second or later quote of the same opportunity", "同じ商談の2件目以降の見積"),
    ("a field other than Status changed after activation", "有効化後に状況以外の項目が変更された場合"),
    ("TargetObjectId is a Quote or an Opportunity", "TargetObjectId が見積または商談"),
    ("TargetObjectId is a Contract", "TargetObjectId が契約"),
    ("Subject names a reminder; or from the accounting system", "件名が督促、または会計システムから"),
    ("approximate since quotes keep no field history", "見積には項目履歴がないため概算"),
    ("a date without a time", "時刻のない日付"),
    ("StageName is a won stage", "StageName が受注のフェーズ"),
    ("StageName is closed and not won", "StageName が完了かつ受注でないフェーズ"),
    ("is empty", "が空"),
)
