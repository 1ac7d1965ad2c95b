"""Our own masked-token model: pixels ↔ tokens, a transformer with an exact context cache, and the regeneration loop.

Read in this order: `grid` (pixels and tokens), `ground` (the smooth fill), `fsq` and `tokenizer` (patches ↔ codes),
`transformer` (masked tokens → logits), `schedule` and `regenerate` (logits → tokens, in steps), `region` (one edit's
window, opened). No training loop and no files here.
"""
