-- Membership: one row for each run of each silo, and one row for each cluster whose version makes writes conditional.
--
-- A write names the version that its decision rests on. It takes effect, and the version grows by one, only if that is still the
-- version; so decisions about the cluster happen one after the other. Heartbeats decide nothing and leave the version alone.

CREATE TABLE OrleansMembershipVersionTable
(
    DeploymentId varchar(150)   NOT NULL,
    Timestamp    timestamptz(3) NOT NULL DEFAULT now(),
    Version      integer        NOT NULL DEFAULT 0,

    CONSTRAINT PK_OrleansMembershipVersionTable_DeploymentId PRIMARY KEY (DeploymentId)
);

CREATE TABLE OrleansMembershipTable
(
    DeploymentId varchar(150)   NOT NULL,
    Address      varchar(45)    NOT NULL,
    Port         integer        NOT NULL,
    Generation   integer        NOT NULL,
    SiloName     varchar(150)   NOT NULL,
    HostName     varchar(150)   NOT NULL,
    Status       integer        NOT NULL,
    ProxyPort    integer        NULL,
    SuspectTimes varchar(8000)  NULL,
    StartTime    timestamptz(3) NOT NULL,
    IAmAliveTime timestamptz(3) NOT NULL,

    CONSTRAINT PK_MembershipTable_DeploymentId PRIMARY KEY (DeploymentId, Address, Port, Generation),
    CONSTRAINT FK_MembershipTable_MembershipVersionTable_DeploymentId
        FOREIGN KEY (DeploymentId) REFERENCES OrleansMembershipVersionTable (DeploymentId)
);

-- Both functions return 1 if the write took effect and 0 if not; then nothing has changed. Taking the version row first locks it until
-- the end of the transaction, so two writers wait for each other instead of meeting half-way.

CREATE FUNCTION insert_membership(
    _deployment varchar, _address varchar, _port integer, _generation integer, _silo_name varchar, _host_name varchar,
    _status integer, _proxy_port integer, _start_time timestamptz, _i_am_alive_time timestamptz, _version integer)
    RETURNS integer
    LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM 1 FROM OrleansMembershipVersionTable WHERE DeploymentId = _deployment AND Version = _version FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;

    INSERT INTO OrleansMembershipTable
        (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
    VALUES
        (_deployment, _address, _port, _generation, _silo_name, _host_name, _status, _proxy_port, _start_time, _i_am_alive_time)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;

    UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = now() WHERE DeploymentId = _deployment;
    RETURN 1;
END
$function$;

CREATE FUNCTION update_membership(
    _deployment varchar, _address varchar, _port integer, _generation integer,
    _status integer, _suspect_times varchar, _i_am_alive_time timestamptz, _version integer)
    RETURNS integer
    LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM 1 FROM OrleansMembershipVersionTable WHERE DeploymentId = _deployment AND Version = _version FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;

    -- Whoever writes about another silo knows an old heartbeat of it.
    UPDATE OrleansMembershipTable
    SET Status = _status, SuspectTimes = _suspect_times, IAmAliveTime = GREATEST(IAmAliveTime, _i_am_alive_time)
    WHERE DeploymentId = _deployment AND Address = _address AND Port = _port AND Generation = _generation;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;

    UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = now() WHERE DeploymentId = _deployment;
    RETURN 1;
END
$function$;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', $query$
    WITH inserted AS
    (
        INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT count(*)::integer FROM inserted
$query$),
('InsertMembershipKey', $query$
    SELECT insert_membership(
        @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime, @Version)
$query$),
('UpdateMembershipKey', $query$
    SELECT update_membership(@DeploymentId, @Address, @Port, @Generation, @Status, @SuspectTimes, @IAmAliveTime, @Version)
$query$),
-- A silo's own row: what it says counts, also after its clock was set back, or its heartbeat would stand still until the clock has caught up.
('UpdateIAmAlivetimeKey', $query$
    UPDATE OrleansMembershipTable
    SET IAmAliveTime = @IAmAliveTime
    WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation
$query$),
-- The version comes even where no silo is: one row, whose columns about a silo are null.
('MembershipReadAllKey', $query$
    SELECT version.DeploymentId, silo.Address, silo.Port, silo.Generation, silo.SiloName, silo.HostName, silo.Status, silo.ProxyPort,
           silo.SuspectTimes, silo.StartTime, silo.IAmAliveTime, version.Version
    FROM OrleansMembershipVersionTable AS version
    LEFT JOIN OrleansMembershipTable AS silo ON silo.DeploymentId = version.DeploymentId
    WHERE version.DeploymentId = @DeploymentId
$query$),
('MembershipReadRowKey', $query$
    SELECT version.DeploymentId, silo.Address, silo.Port, silo.Generation, silo.SiloName, silo.HostName, silo.Status, silo.ProxyPort,
           silo.SuspectTimes, silo.StartTime, silo.IAmAliveTime, version.Version
    FROM OrleansMembershipVersionTable AS version
    LEFT JOIN OrleansMembershipTable AS silo
        ON silo.DeploymentId = version.DeploymentId
        AND silo.Address = @Address AND silo.Port = @Port AND silo.Generation = @Generation
    WHERE version.DeploymentId = @DeploymentId
$query$),
('GatewaysQueryKey', $query$
    SELECT Address, ProxyPort, Generation
    FROM OrleansMembershipTable
    WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0
$query$),
('DeleteMembershipTableEntriesKey', $query$
    DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId;
    DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId
$query$),
-- Only of the dead (6): a silo that lives but whose heartbeats do not get through must keep its row.
('CleanupDefunctSiloEntriesKey', $query$
    DELETE FROM OrleansMembershipTable
    WHERE DeploymentId = @DeploymentId AND Status = 6 AND IAmAliveTime < @IAmAliveTime AND StartTime < @IAmAliveTime
$query$),
-- Asked for by versions of Orleans that drop single rows.
('CleanupDefunctSiloEntryKey', $query$
    DELETE FROM OrleansMembershipTable
    WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation
        AND Status = 6 AND IAmAliveTime = @IAmAliveTime AND StartTime = @StartTime
        AND COALESCE(SuspectTimes, '') = COALESCE(@SuspectTimes, '')
$query$);
