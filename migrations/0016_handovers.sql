-- A case that the desk, or its unit, has not taken or passed on in time (Decree 13) is told once.
ALTER TABLE reminders DROP CONSTRAINT reminders_kind_check;
ALTER TABLE reminders ADD CONSTRAINT reminders_kind_check
    CHECK (kind IN ('due_soon', 'overdue', 'escalated', 'progress', 'handover_late'));
CREATE INDEX cases_by_handover ON cases (handover_due_at)
    WHERE handover_due_at IS NOT NULL AND parent_id IS NULL;

-- How much a client has sent that no complaint has named yet.
CREATE INDEX uploads_by_client ON uploads (client);
