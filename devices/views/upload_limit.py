"""The guard of uploads: a body beyond what one import may have is drained, never stored."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from devices.services.imports.reader.limits import Limits

ROOM_FOR_FIELDS = 12_000_000


class UploadLimit(FileUploadHandler):
    """First of the upload handlers; sets request.upload_is_too_large and skips the files."""

    is_too_large = False

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Judge the upload by its announced length, which the server holds it to."""
        self.is_too_large = content_length > Limits().size + ROOM_FOR_FIELDS
        if self.request is not None:
            self.request.upload_is_too_large = self.is_too_large  # type: ignore[attr-defined]

    def new_file(self, *args: Any, **options: Any) -> None:
        """Skip every file of an upload that is too large."""
        super().new_file(*args, **options)
        if self.is_too_large:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand the data on to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""
