"""What `lint` found as SARIF 2.1.0, with what code scanning on GitHub asks for."""
