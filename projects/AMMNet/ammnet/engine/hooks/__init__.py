from .discriminator_hook import DiscriminatorHook

__all__ = ['DiscriminatorHook']
