-- Administrators change accounts in the console.
GRANT UPDATE (display_name, email, role, agency_id, departments, is_manager, may_approve)
    ON staff TO minwon_api;
