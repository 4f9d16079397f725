"""What the modules in library/ are thin over; nothing here needs Ansible."""
