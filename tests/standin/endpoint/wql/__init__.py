"""WMI over WS-Management: WQL, the classes served, and StdRegProv."""
