"""The WS-Management endpoint of a stand-in host: HTTPS and NTLM, a shell that answers known modules, WQL."""
