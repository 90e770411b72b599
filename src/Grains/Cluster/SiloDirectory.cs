using Admission.Statements;
using Dapper;

namespace Admission.Grains.Cluster;

/// <summary>The cluster's silos as its database has them, for people: the membership that the engine keeps there, whichever it is, and each silo's authority.</summary>
internal sealed class SiloDirectory(ClusterDatabase database, ClusterSettings settings, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    // By the database's clock alone. Those that are gone stay in the table; the last ones of them are of interest.
    private const string Read = """
        SELECT member.SiloName AS "Name", member.HostName AS "Host", member.Address || ':' || member.Port AS "Address", member.Status AS "Status",
               CAST(EXTRACT(EPOCH FROM now() - member.StartTime) AS float8) AS "UpFor", CAST(EXTRACT(EPOCH FROM now() - member.IAmAliveTime) AS float8) AS "Silent",
               authority.ledgers AS "Ledgers", CAST(EXTRACT(EPOCH FROM now() - authority.renewed_at) AS float8) AS "AuthorityAge"
        FROM OrleansMembershipTable AS member
        LEFT JOIN LATERAL (
            SELECT ledgers, renewed_at FROM admission_silo
            WHERE service_id = @ServiceId AND starts_with(silo, @ClusterId || ' ' || member.Address || ':' || member.Port || ' ') AND started_at >= member.StartTime - interval '1 minute'
            ORDER BY renewed_at DESC LIMIT 1) AS authority ON true
        WHERE member.DeploymentId = @ClusterId AND (member.Status <> 6 OR member.IAmAliveTime > now() - interval '1 hour')
        ORDER BY member.Status = 6, member.StartTime
        LIMIT 200
        """;

    /// <summary>Reads them; those that are gone for more than an hour are left out, and all beyond 200.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="TimeoutException">The database has not answered within 5 s.</exception>
    public Task<IReadOnlyList<SiloRow>> ReadAsync(CancellationToken cancellation) => BoundedStatement.RunAsync<IReadOnlyList<SiloRow>>(
        async token =>
        {
            await using var connection = await database.OpenAsync(token);
            return [.. await connection.QueryAsync<SiloRow>(new CommandDefinition(Read, new { settings.ClusterId, settings.ServiceId }, cancellationToken: token))];
        },
        Longest,
        time,
        cancellation);
}

/// <summary>A silo in the database. Times are in seconds.</summary>
internal sealed class SiloRow
{
    private static readonly string[] States = ["unknown", "created", "joining", "active", "shutting-down", "stopping", "dead"];

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its machine.</summary>
    public required string Host { get; init; }

    /// <summary>Where other silos reach it.</summary>
    public required string Address { get; init; }

    /// <summary>As Orleans numbers it: 1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead.</summary>
    public int Status { get; init; }

    /// <summary>The same in words.</summary>
    public string State => Status >= 0 && Status < States.Length ? States[Status] : States[0];

    /// <summary>How long ago it started.</summary>
    public double UpFor { get; init; }

    /// <summary>How long ago it last wrote that it is there.</summary>
    public double Silent { get; init; }

    /// <summary>Ledgers that live there; null if it has never renewed its authority.</summary>
    public int? Ledgers { get; init; }

    /// <summary>How long ago it renewed its authority; null for never.</summary>
    public double? AuthorityAge { get; init; }
}
