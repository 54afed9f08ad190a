"""What goes wrong beneath the service: a killed process, a database that goes away, a full disk, a clock."""
