using System.Xml.Linq;
using Admission.Grains.Cluster;
using Admission.Statements;
using Dapper;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Admission.Security.Login;

/// <summary>Keeps the keys of sessions in <c>admission_session_key</c>, read and written in the background: no request waits for the database.</summary>
/// <remarks>
/// <para>
/// ASP.NET asks for keys on the thread of a request and knows no asynchronous way, so it gets what was read last. Until the first read there are none, and who comes with a session, or wants one, is answered 503. A key that ASP.NET makes (the next one, some days
/// before the last one ends) counts here at once, and elsewhere when it is written and read.
/// </para>
/// <para>The first key of all is made here, before any is given out, and has a name that there can be only once: hosts that start at the same time have the same.</para>
/// <para>One lock guards the texts. The database is asked by the background task alone.</para>
/// </remarks>
internal sealed partial class ClusterSessionKeys(
    ClusterSettings settings, ClusterDatabase database, IServiceProvider services, TimeProvider time, ILogger<ClusterSessionKeys> logger, ClusterStart? cluster = null) : BackgroundService, IXmlRepository
{
    private const string Select = "SELECT xml FROM admission_session_key WHERE service_id = @ServiceId ORDER BY created_at";
    private const string Insert = "INSERT INTO admission_session_key (service_id, name, xml) VALUES (@ServiceId, @Name, @Xml) ON CONFLICT DO NOTHING";
    private const string NameOfFirst = "first";

    private static readonly TimeSpan LongestStatement = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>Keys of other hosts are known after so long; and a database that does not answer is asked again.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private static readonly Task Never = Signal().Task;

    private readonly Lock _lock = new();
    private readonly List<NewKey> _unwritten = [];
    private string[]? _known;
    private TaskCompletionSource _isNew = Signal();

    /// <summary>Whether sessions can be checked.</summary>
    public bool AreKnown => Volatile.Read(ref _known) is not null;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">They have not been read yet.</exception>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_lock)
        {
            return [.. (_known ?? throw new InvalidOperationException("The keys of sessions have not been read from the cluster's database yet.")).Select(XElement.Parse)];
        }
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        ArgumentNullException.ThrowIfNull(element);
        var xml = element.ToString(SaveOptions.DisableFormatting);
        lock (_lock)
        {
            _unwritten.Add(new NewKey(friendlyName, xml));
            _known = _known is null ? null : [.. _known, xml];
            _isNew.TrySetResult();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before, the table may not be there.
        await (cluster?.Running.WaitAsync(stoppingToken) ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var (pause, failed) = (FirstPause, false);
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = LongestPause;
            var isNew = NextNew();
            try
            {
                await ExchangeAsync(stoppingToken);
                if (failed)
                {
                    LogAnswers();
                }

                (pause, failed) = (FirstPause, false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!failed)
                {
                    LogFailed(PostgresWords.Explain(exception));
                }

                (wait, pause, failed) = (pause, pause + pause < LongestPause ? pause + pause : LongestPause, true);
                isNew = Never;
            }

            await isNew.WaitAsync(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task NextNew()
    {
        lock (_lock)
        {
            _isNew = _isNew.Task.IsCompleted ? Signal() : _isNew;
            return _isNew.Task;
        }
    }

    /// <summary>Writes what is new here, and reads what there is.</summary>
    private async Task ExchangeAsync(CancellationToken cancellation)
    {
        await WriteAsync(Unwritten(), cancellation);
        var stored = await ReadAsync(cancellation);
        if (stored.Length == 0)
        {
            var now = time.GetUtcNow();
            services.GetRequiredService<IKeyManager>().CreateNewKey(now, now + services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.NewKeyLifetime);
            await WriteAsync(NamedAsFirst(), cancellation);
            stored = await ReadAsync(cancellation);
        }

        lock (_lock)
        {
            _known = [.. stored, .. _unwritten.Select(key => key.Xml).Except(stored, StringComparer.Ordinal)];
        }
    }

    private NewKey[] Unwritten()
    {
        lock (_lock)
        {
            return [.. _unwritten];
        }
    }

    /// <summary>It keeps the name if this write fails: the next one must not make a second first key.</summary>
    private NewKey[] NamedAsFirst()
    {
        lock (_lock)
        {
            _unwritten[0] = _unwritten[0] with { Name = NameOfFirst };
            return [.. _unwritten];
        }
    }

    private async Task WriteAsync(NewKey[] keys, CancellationToken cancellation)
    {
        if (keys.Length == 0)
        {
            return;
        }

        await AskAsync(
            async (connection, stop) =>
            {
                var rows = keys.Select(key => new { settings.ServiceId, key.Name, key.Xml });
                return await connection.ExecuteAsync(new CommandDefinition(Insert, rows, commandTimeout: 0, cancellationToken: stop));
            },
            cancellation);
        lock (_lock)
        {
            _unwritten.RemoveRange(0, keys.Length);
        }
    }

    private Task<string[]> ReadAsync(CancellationToken cancellation) => AskAsync(
        async (connection, stop) => (await connection.QueryAsync<string>(new CommandDefinition(Select, new { settings.ServiceId }, commandTimeout: 0, cancellationToken: stop))).ToArray(), cancellation);

    private Task<T> AskAsync<T>(Func<Npgsql.NpgsqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation) => BoundedStatement.RunAsync(
        async stop =>
        {
            await using var connection = await database.OpenAsync(stop);
            return await ask(connection, stop);
        },
        LongestStatement, time, cancellation);

    [LoggerMessage(2223, LogLevel.Warning, "The keys of sessions cannot be read or written: {Cause}. The database is asked again; as long as nothing was read, sessions are answered 503, else those count that were read last.")]
    private partial void LogFailed(string cause);

    [LoggerMessage(2224, LogLevel.Information, "The keys of sessions can be read and written again.")]
    private partial void LogAnswers();

    private sealed record NewKey(string Name, string Xml);
}
