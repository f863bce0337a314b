"""Files become rows, once: scan, freeze, plan, stage, publish."""
