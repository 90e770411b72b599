using Npgsql;

namespace Admission.Grains.Cluster;

/// <summary>Connections to the cluster's database for what is ours there; the engine has its own.</summary>
internal sealed class ClusterDatabase(ClusterSettings settings) : IAsyncDisposable
{
    // Made when it is first asked for: who only asks what is there, while settings that are wrong are being read, must not get an exception of the driver in their place.
    private readonly Lazy<NpgsqlDataSource> _source = new(() => NpgsqlDataSource.Create(settings.ConnectionString));

    /// <summary>The database's name, for messages.</summary>
    public string Name { get; } = new NpgsqlConnectionStringBuilder(settings.ConnectionString) is { Database: { Length: > 0 } name } ? name : "the default database";

    /// <summary>The user's name, for messages.</summary>
    public string User { get; } = new NpgsqlConnectionStringBuilder(settings.ConnectionString).Username ?? "";

    /// <summary>Opens a connection.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation) => await _source.Value.OpenConnectionAsync(cancellation);

    public ValueTask DisposeAsync() => _source.IsValueCreated ? _source.Value.DisposeAsync() : default;
}
