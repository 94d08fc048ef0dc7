"""A visitor who is not there: rendered pictures of a hand that holds up a code, and a camera that shows them.

``scenes`` names the situations, ``props`` draws what is held up, ``picture`` puts it into a lobby, ``stage`` streams it
as a camera on this machine would. Everything is made from numbers: the same seed gives the same picture.
"""
