-- The states of grains: one row for each state, with a version that makes writes conditional.

CREATE TABLE OrleansStorage
(
    GrainIdHash            integer      NOT NULL,
    GrainIdN0              bigint       NOT NULL,
    GrainIdN1              bigint       NOT NULL,
    GrainTypeHash          integer      NOT NULL,
    GrainTypeString        varchar(512) NOT NULL,
    GrainIdExtensionString varchar(512) NULL,
    ServiceId              varchar(150) NOT NULL,
    PayloadBinary          bytea        NULL,
    ModifiedOn             timestamp    NOT NULL,
    Version                integer      NULL
);

-- The whole key is too long for an index; its hashes find the row.
CREATE INDEX IX_OrleansStorage ON OrleansStorage (GrainIdHash, GrainTypeHash);

-- Returns the new version; the given one if storage has another; null if none was given and there is a row.
-- So an older write that arrives late changes nothing: the version that it names has gone.
CREATE FUNCTION write_to_storage(
    _id_hash integer, _id_n0 bigint, _id_n1 bigint, _type_hash integer, _type_string varchar, _id_extension varchar, _service varchar,
    _version integer, _payload bytea)
    RETURNS integer
    LANGUAGE plpgsql
AS $function$
DECLARE
    _new_version integer;
BEGIN
    IF _version IS NULL THEN
        -- No index is unique over the key, so first writers of one key come one after the other. The next statement sees what the one before has committed.
        PERFORM pg_advisory_xact_lock(_id_hash, _type_hash);

        INSERT INTO OrleansStorage
            (GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId,
             PayloadBinary, ModifiedOn, Version)
        SELECT _id_hash, _id_n0, _id_n1, _type_hash, _type_string, _id_extension, _service, _payload, now() AT TIME ZONE 'utc', 1
        WHERE NOT EXISTS
        (
            SELECT 1 FROM OrleansStorage
            WHERE GrainIdHash = _id_hash AND GrainTypeHash = _type_hash AND GrainIdN0 = _id_n0 AND GrainIdN1 = _id_n1
                AND GrainTypeString = _type_string AND GrainIdExtensionString IS NOT DISTINCT FROM _id_extension AND ServiceId = _service
        )
        RETURNING Version INTO _new_version;
        RETURN _new_version;
    END IF;

    UPDATE OrleansStorage
    SET PayloadBinary = _payload, ModifiedOn = now() AT TIME ZONE 'utc', Version = Version + 1
    WHERE GrainIdHash = _id_hash AND GrainTypeHash = _type_hash AND GrainIdN0 = _id_n0 AND GrainIdN1 = _id_n1
        AND GrainTypeString = _type_string AND GrainIdExtensionString IS NOT DISTINCT FROM _id_extension AND ServiceId = _service
        AND Version = _version
    RETURNING Version INTO _new_version;
    RETURN COALESCE(_new_version, _version);
END
$function$;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('WriteToStorageKey', $query$
    SELECT write_to_storage(
        @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, @GrainIdExtensionString, @ServiceId,
        @GrainStateVersion, @PayloadBinary) AS NewGrainStateVersion
$query$),
('ReadFromStorageKey', $query$
    SELECT PayloadBinary, now() AT TIME ZONE 'utc', Version
    FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
        AND GrainTypeString = @GrainTypeString AND GrainIdExtensionString IS NOT DISTINCT FROM @GrainIdExtensionString
        AND ServiceId = @ServiceId
$query$),
-- The row stays, with a new version, so that a write which is still on its way cannot bring the state back.
('ClearStorageKey', $query$
    WITH cleared AS
    (
        UPDATE OrleansStorage
        SET PayloadBinary = NULL, ModifiedOn = now() AT TIME ZONE 'utc', Version = Version + 1
        WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
            AND GrainTypeString = @GrainTypeString AND GrainIdExtensionString IS NOT DISTINCT FROM @GrainIdExtensionString
            AND ServiceId = @ServiceId AND Version = @GrainStateVersion
        RETURNING Version
    )
    SELECT COALESCE((SELECT Version FROM cleared), @GrainStateVersion) AS NewGrainStateVersion
$query$);
