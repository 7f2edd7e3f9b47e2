"""Several tensors as one: what ComfyUI's LATENT holds for picture and sound together."""


class NestedTensor:
    is_nested = True

    def __init__(self, tensors):
        self.tensors = list(tensors)

    def unbind(self):
        return self.tensors
