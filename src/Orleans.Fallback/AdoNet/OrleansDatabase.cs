using System.Collections.Frozen;
using Admission.Statements;
using Npgsql;
using Orleans.Runtime;

namespace Orleans.Fallback.AdoNet;

/// <summary>
/// A PostgreSQL database through the statements of its <c>OrleansQuery</c> table, as Orleans' own ADO.NET providers use it: read once, found by
/// key, parameters bound by name.
/// </summary>
/// <remarks>
/// Nothing waits longer than <paramref name="bound"/>, also where a connection is cut without a word. What is given up may still happen in
/// the database a little later; every write is conditional on a version, so it does no harm.
/// </remarks>
/// <param name="connectionString">Where it is.</param>
/// <param name="bound">How long an operation may take.</param>
/// <param name="maxConnections">How many connections at most.</param>
/// <param name="time">The clock.</param>
internal sealed class OrleansDatabase(string connectionString, TimeSpan bound, int maxConnections, TimeProvider time) : IDisposable
{
    /// <summary>The provider's name in options.</summary>
    public const string Invariant = "Npgsql";

    private readonly NpgsqlDataSource _source = CreateSource(connectionString, bound, maxConnections);
    private volatile FrozenDictionary<string, string>? _statements;

    /// <summary>Runs a statement and reads its rows.</summary>
    public Task<List<T>> ReadAsync<T>(
        string key, Action<NpgsqlParameterCollection> bind, Func<NpgsqlDataReader, T> read, CancellationToken cancellation) =>
        BoundedStatement.RunAsync(
            async linked =>
            {
                await using var connection = await _source.OpenConnectionAsync(linked);
                await using var command = new NpgsqlCommand(await StatementAsync(connection, key, linked), connection);
                bind(command.Parameters);
                return await RowsAsync(command, read, linked);
            },
            bound,
            time,
            cancellation);

    /// <summary>Runs a statement without a result.</summary>
    public Task ExecuteAsync(string key, Action<NpgsqlParameterCollection> bind, CancellationToken cancellation) =>
        ReadAsync(key, bind, static _ => 0, cancellation);

    public void Dispose() => _source.Dispose();

    private static NpgsqlDataSource CreateSource(string connectionString, TimeSpan bound, int maxConnections)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var seconds = Math.Max(1, (int)bound.TotalSeconds);
        settings.CommandTimeout = 0;
        settings.Timeout = settings.Timeout == 0 ? seconds : Math.Min(settings.Timeout, seconds);
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, maxConnections);
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, settings.MaxPoolSize);
        return NpgsqlDataSource.Create(settings);
    }

    private static async Task<List<T>> RowsAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private async Task<string> StatementAsync(NpgsqlConnection connection, string key, CancellationToken cancellation)
    {
        var statements = _statements;
        if (statements is null)
        {
            await using var command = new NpgsqlCommand("SELECT QueryKey, QueryText FROM OrleansQuery", connection);
            var rows = await RowsAsync(command, static row => KeyValuePair.Create(row.GetString(0), row.GetString(1)), cancellation);
            _statements = statements = rows.ToFrozenDictionary(StringComparer.Ordinal);
        }

        if (!statements.TryGetValue(key, out var statement))
        {
            _statements = null;
            throw new OrleansException($"The table OrleansQuery lacks '{key}'. Apply the scripts of src/Silo/Sql to the database.");
        }

        return statement;
    }
}
