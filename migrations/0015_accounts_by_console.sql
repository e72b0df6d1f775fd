-- Administrators add accounts, switch them off and on and reset passwords in the console.
GRANT INSERT (id, username, display_name, email, role, agency_id, departments, is_manager,
              may_approve, language, oidc_issuer, oidc_subject, password_hash) ON staff TO minwon_api;
GRANT UPDATE (active) ON staff TO minwon_api;
