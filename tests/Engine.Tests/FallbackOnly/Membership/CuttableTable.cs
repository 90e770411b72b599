using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>A table that a test can take away from one silo.</summary>
internal sealed class CuttableTable(IMemberTable table) : IMemberTable
{
    public bool IsAway { get; set; }

    /// <summary>Whether a heartbeat hangs, and fails with an error of the table's when it is cancelled.</summary>
    public bool HeartbeatFailsWhenCancelled { get; set; }

    private IMemberTable Present => IsAway ? throw new IOException("The test took the table away.") : table;

    public Task InitializeAsync(CancellationToken cancellation) => Present.InitializeAsync(cancellation);

    public Task<TableSnapshot> ReadAsync(CancellationToken cancellation) => Present.ReadAsync(cancellation);

    public Task<bool> InsertAsync(MemberRow row, int version, CancellationToken cancellation) => Present.InsertAsync(row, version, cancellation);

    public Task<bool> UpdateAsync(MemberRow row, int version, CancellationToken cancellation) => Present.UpdateAsync(row, version, cancellation);

    public async Task WriteAliveAsync(SiloAddress silo, DateTime moment, CancellationToken cancellation)
    {
        if (HeartbeatFailsWhenCancelled)
        {
            await Task.Delay(Timeout.Infinite, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            throw new IOException("The connection was lost as the heartbeat was cancelled.");
        }

        await Present.WriteAliveAsync(silo, moment, cancellation);
    }

    public Task RemoveDeadAsync(DateTime before, CancellationToken cancellation) => Present.RemoveDeadAsync(before, cancellation);
}
