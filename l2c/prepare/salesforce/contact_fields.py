"""Which objects tell of contacts with customers, and by which fields?"""

from l2c.log.objects import DEAL

TASK, EVENT, MAIL, ROLES = "Task", "Event", "EmailMessage", "OpportunityContactRole"
# What is read of each object, beside what every object has.
FIELDS = {
    TASK: (
        "WhatId", "WhoId", "Subject", "Type", "ActivityType", "TaskSubtype", "ActivitySubtype", "IsTask", "Status", "IsClosed", "CompletedDateTime",
        "ActivityDate", "CallType", "CallDisposition", "StartDateTime", "ActivityDateTime", "IsRecurrence", "IsChild", "No_Show__c",
    ),
    EVENT: (
        "WhatId", "WhoId", "Subject", "Type", "EventSubtype", "StartDateTime", "ActivityDateTime", "ActivityDate", "IsRecurrence", "IsChild",
        "No_Show__c",
    ),
    MAIL: ("RelatedToId", "ActivityId", "Incoming", "MessageDate", "Status"),
    ROLES: ("OpportunityId", "ContactId"),
    DEAL: ("LastActivityDate",),
}  # fmt: skip
