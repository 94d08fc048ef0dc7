"""The only exception that leaves the camera package. Libraries' own errors are translated where they are called.

Codes: ``CAMERA_NOT_FOUND`` there is no such camera, file, folder or host; ``CAMERA_STOPPED`` it gave pictures and gives
    no more; ``CAMERA_BUSY`` it is there and cannot be taken; ``CAMERA_BAD_ADDRESS`` the camera is named wrongly or is
    no picture stream; ``CAMERA_UNREADABLE`` there is nothing in it that can be shown; ``CAMERA_LOST_READER`` the
    process that looks at its pictures ends again and again.
"""

from kiosk_app.core.staff_codes import StaffCode


class CameraError(Exception):
    """A camera gives no pictures.

    Attributes:
        code: what staff read, one of the ``CAM-…`` codes.
        detail: for the log, in English; never a frame's content, never a credential.
    """

    def __init__(self, code: StaffCode, detail: str) -> None:
        super().__init__(f"{code.value}: {detail}")
        self.code = code
        self.detail = detail
