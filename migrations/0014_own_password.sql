-- People change their own local passwords on a page.
GRANT UPDATE (password_hash) ON staff TO minwon_api;
