using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>How a silo comes into the table: first it declares its former runs dead, then it writes its row, then it looks whether it reaches the others.</summary>
internal sealed partial class Joining(
    LocalSilo local, IMemberTable table, TableReader reader, StatusWriter writer, Lazy<ISiloProbe> probe, ClusterMembershipOptions options,
    TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Writes the row.</summary>
    /// <param name="cancellation">Gives up; must have a bound.</param>
    /// <exception cref="OrleansException">The address is taken by a later run.</exception>
    public async Task EnterAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var started = new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);
        var row = new MemberRow(local.Address, SiloStatus.Joining, local.Name, Dns.GetHostName(), local.GatewayPort, started, started, []);
        await RetryAsync(
            async () =>
            {
                await table.InitializeAsync(cancellation);
                await DeclareFormerDeadAsync(cancellation);
                await writer.AddAsync(row, snapshot => IsThere(row, snapshot), cancellation);
            },
            cancellation);
    }

    /// <summary>Does something with the table, again and again until it can be reached.</summary>
    public async Task RetryAsync(Func<Task> operation, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await operation();
                return;
            }
            catch (Exception exception) when (exception is not OrleansException && !cancellation.IsCancellationRequested)
            {
                LogNoTable(exception.GetBaseException().Message, pause);
                await Task.Delay(pause, time, cancellation);
            }
        }
    }

    /// <summary>Waits until every active silo that looks alive by its heartbeats answers.</summary>
    /// <param name="cancellation">Gives up; must have a bound.</param>
    public async Task ReachOthersAsync(CancellationToken cancellation)
    {
        while (true)
        {
            _ = await reader.LookAsync();
            var others = (reader.Latest?.Rows ?? []).Where(LooksAlive).Select(row => row.Address).ToList();
            var answers = await Task.WhenAll(
                others.Select(silo => PeerProbe.TryAsync(probe.Value, silo, options.ProbeTimeout, time, cancellation)));
            cancellation.ThrowIfCancellationRequested();
            var silent = others.Where((_, i) => answers[i] is null).ToList();
            if (silent.Count == 0)
            {
                return;
            }

            LogSilent(string.Join(", ", silent));
            await Task.Delay(options.ProbeTimeout, time, cancellation);
        }
    }

    // The only place where clocks of two machines are compared: it decides for whom to wait, not who is dead.
    private bool LooksAlive(MemberRow row) => row.Status == SiloStatus.Active && !row.Address.Equals(local.Address)
        && time.GetUtcNow().UtcDateTime - row.IAmAliveTime < options.NumMissedTableIAmAliveLimit * options.IAmAliveTablePublishTimeout;

    private async Task DeclareFormerDeadAsync(CancellationToken cancellation)
    {
        foreach (var former in (await table.ReadAsync(cancellation)).Rows.Where(row => IsAtOurs(row) && row.Address.Generation < local.Address.Generation))
        {
            var declared = await writer.ChangeAsync(
                former.Address, (row, _) => row.Status == SiloStatus.Dead ? null : row with { Status = SiloStatus.Dead }, cancellation);
            if (declared is not null)
            {
                LogFormer(former.Address, former.Status);
            }
        }
    }

    private bool IsThere(MemberRow own, TableSnapshot snapshot)
    {
        foreach (var row in snapshot.Rows.Where(row => IsAtOurs(row) && row.Address.Generation >= own.Address.Generation))
        {
            // An attempt whose answer was lost has written it.
            if (row.Address.Equals(own.Address) && row.StartTime == own.StartTime && row.SiloName == own.SiloName && row.Status == SiloStatus.Joining)
            {
                return true;
            }

            throw new OrleansException($"The membership table has silo {row.Address}, which is not older than this one, {own.Address}. Either two silos have "
                + "the same address and port, or the clock was set back, or the silo was started twice within a second; then start it again.");
        }

        return false;
    }

    private bool IsAtOurs(MemberRow row) => row.Address.Endpoint.Equals(local.Address.Endpoint);

    [LoggerMessage(9341, LogLevel.Warning, "This silo cannot join yet, because the membership table cannot be reached: {Reason}. Next attempt in {Pause}")]
    private partial void LogNoTable(string reason, TimeSpan pause);

    [LoggerMessage(9342, LogLevel.Warning, "This silo cannot join yet, because silos do not answer that should be alive: {Silos}")]
    private partial void LogSilent(string silos);

    [LoggerMessage(9343, LogLevel.Information, "Silo {Silo} was {Status} in the table; it was a former run at this address, and is declared dead")]
    private partial void LogFormer(SiloAddress silo, SiloStatus status);
}
