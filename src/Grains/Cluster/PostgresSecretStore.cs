using System.Security.Cryptography;
using Dapper;
using Npgsql;

namespace Admission.Grains.Cluster;

/// <summary>Keeps the secret in <c>admission_secret</c>: whoever may connect to the database is a member.</summary>
internal sealed class PostgresSecretStore(ClusterSettings settings, ClusterDatabase database) : ISecretStore
{
    private const int SecretBytes = 32;

    private const string Select = "SELECT secret FROM admission_secret WHERE service_id = @ServiceId";

    private const string Insert = "INSERT INTO admission_secret (service_id, secret) VALUES (@ServiceId, @Secret) ON CONFLICT DO NOTHING";

    /// <inheritdoc/>
    public async Task<string> ReadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        try
        {
            return await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(Select, new { settings.ServiceId }, cancellationToken: cancellation))
                ?? throw new ClusterNotReadyException($"no silo of the service '{settings.ServiceId}' has set the database '{database.Name}' up yet");
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw new ClusterNotReadyException($"no silo has set the database '{database.Name}' up yet", missing);
        }
    }

    /// <summary>Makes a secret up, unless there is one.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));
        await connection.ExecuteAsync(new CommandDefinition(Insert, new { settings.ServiceId, Secret = secret }, cancellationToken: cancellation));
    }
}
