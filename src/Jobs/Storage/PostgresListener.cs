using Admission.Statements;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Admission.Jobs.Storage;

/// <summary>Hears from PostgreSQL what other gateways have changed, so that nobody has to ask again and again.</summary>
internal sealed partial class PostgresListener(PostgresJobDatabase database, JobSignals signals, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // A connection that is dead without anybody having said so is noticed by the question.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Listens, on connection after connection, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var pause = ShortestPause;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() => pause = ShortestPause, cancellation);
            }
            catch (Exception failed) when (!cancellation.IsCancellationRequested)
            {
                if (JobStoreFailure.Is(failed))
                {
                    LogLost(failed.Message, pause.TotalSeconds);
                }
                else
                {
                    // A bug. Another connection may do.
                    LogUnexpected(failed, pause.TotalSeconds);
                }

                await Task.Delay(pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(Action connected, CancellationToken cancellation)
    {
        await using var connection = await database.ConnectAsync(cancellation);
        connection.Notification += (_, notification) => JobNews.Parse(notification.Payload, database.ServiceId)?.Raise(signals);
        await ExecuteAsync($"LISTEN {PostgresJobDatabase.Channel}", connection, cancellation);

        connected();

        // What was said before is not heard.
        signals.All();
        while (true)
        {
            if (!await connection.WaitAsync(Quiet, cancellation))
            {
                await ExecuteAsync("SELECT 1", connection, cancellation);
            }
        }
    }

    private async Task ExecuteAsync(string statement, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        var running = Task.FromResult(0);
        try
        {
            _ = await BoundedStatement.RunAsync(token => running = command.ExecuteNonQueryAsync(token), Longest, time, cancellation);
        }
        finally
        {
            // A connection is not closed under a statement that still runs; Npgsql gives it up within twice the time that a connection may take.
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(4203, LogLevel.Error, "News of jobs from other gateways cannot be heard, in a way that the gateway does not know. Trying again in {Seconds} s.")]
    private partial void LogUnexpected(Exception exception, double seconds);

    [LoggerMessage(4200, LogLevel.Warning, "News of jobs from other gateways cannot be heard: {Problem} Trying again in {Seconds} s; until then jobs are looked for every few seconds.")]
    private partial void LogLost(string problem, double seconds);
}
