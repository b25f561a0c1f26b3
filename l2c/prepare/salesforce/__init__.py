"""From the objects of a Salesforce org to an event log."""
