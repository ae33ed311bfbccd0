"""What more may be said in a case between members."""
