using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>What is made of looks at the table, without a database.</summary>
public sealed class TableReaderTests
{
    private static readonly SiloAddress Silo = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11111), 1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_table_that_was_made_anew_is_seen_although_its_version_is_lower()
    {
        var table = new SettableTable { Now = new(7, []) };
        var reader = new TableReader(table, TimeProvider.System, NullLogger.Instance);
        (await reader.LookAsync()).ShouldBeTrue();
        table.Now = Alive(2, 0);
        (await reader.LookAsync()).ShouldBeTrue();
        reader.Current.Version.ShouldBe(2);
        reader.Current.Active.Single().Address.ShouldBe(Silo);
    }

    [Fact]
    public async Task A_handler_that_fails_keeps_the_view_from_nobody_and_later_looks_go_on()
    {
        var table = new SettableTable { Now = new(1, []) };
        var reader = new TableReader(table, TimeProvider.System, NullLogger.Instance);
        var seen = new List<long>();
        reader.OnLook(_ => throw new InvalidOperationException("The test wants it."));
        reader.OnChange(_ => throw new InvalidOperationException("The test wants it."));
        reader.OnChange(view => seen.Add(view.Version));
        await Task.WhenAll(reader.LookAsync(), reader.LookAsync());
        table.Now = new(2, []);
        await Task.WhenAll(reader.LookAsync(), reader.LookAsync());
        seen.ShouldBe([1, 2]);
    }

    [Fact]
    public void A_heartbeat_grows_stale_by_time_in_which_the_table_was_looked_at()
    {
        var time = new JumpingTime();
        var heartbeats = new Heartbeats(3 * Second, 1.5 * Second, time);
        heartbeats.See(Alive(1, 0));
        time.Jump(100 * Second);
        heartbeats.IsStale(Silo).ShouldBeFalse();
        heartbeats.See(Alive(1, 0));
        heartbeats.IsStale(Silo).ShouldBeFalse();
        for (var look = 0; look < 4; look++)
        {
            time.Jump(Second);
            heartbeats.See(Alive(1, 0));
        }

        heartbeats.IsStale(Silo).ShouldBeTrue();
        heartbeats.See(Alive(1, 1));
        heartbeats.IsStale(Silo).ShouldBeFalse();
    }

    private static TableSnapshot Alive(int version, int beat) => new(
        version,
        [new MemberRow(Silo, SiloStatus.Active, "silo", "host", 0, DateTime.UnixEpoch, DateTime.UnixEpoch.AddSeconds(beat), [])]);

    private sealed class SettableTable : IMemberTable
    {
        public TableSnapshot Now { get; set; } = new(0, []);

        public Task InitializeAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public Task<TableSnapshot> ReadAsync(CancellationToken cancellation) => Task.FromResult(Now);

        public Task<bool> InsertAsync(MemberRow row, int version, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> UpdateAsync(MemberRow row, int version, CancellationToken cancellation) => throw new NotSupportedException();

        public Task WriteAliveAsync(SiloAddress silo, DateTime moment, CancellationToken cancellation) => throw new NotSupportedException();

        public Task RemoveDeadAsync(DateTime before, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
