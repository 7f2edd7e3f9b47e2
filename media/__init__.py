"""Sound and picture without networks: reading, writing, clocks and sync. torch, torchaudio and PyAV only."""
