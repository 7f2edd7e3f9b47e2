"""The joint audiovisual model ("starter"): codecs, transformer, text, score, guidance, sampling, checkpoint."""
