"""What all masked-token models with open weights share: one interface, one tokenizer, windows, and the way back."""
