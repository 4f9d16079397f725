"""The protocols of Windows, one file each: SMB, RPC (SAMR, SRVSVC, WKSSVC), WS-Management."""
