"""What is kept on the server over the wire: accounts, folders, share, raw material, its clock."""
