-- Whether a claim's request has been sent: an attempt begins there, and a gateway that is lost before costs none. Null, or another number than the fence: as before, it may have been.
ALTER TABLE admission_job ADD COLUMN unsent_fence bigint;
