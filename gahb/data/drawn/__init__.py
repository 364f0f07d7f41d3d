"""Images whose optimal denoising is known, drawn at random.

To add a set: a module with a subclass of `gahb.data.drawn.drawn_set.DrawnSet`, imported by
`gahb.data.drawn.sets`.
"""
