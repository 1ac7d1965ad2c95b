"""Cut-outs of other pictures in a layer: where they go, how large, in which light, with which shadow."""
