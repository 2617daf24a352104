"""The Train page's parts: settings, the visitor's run and its worker, curves and gates, snapshots, what comes after."""
