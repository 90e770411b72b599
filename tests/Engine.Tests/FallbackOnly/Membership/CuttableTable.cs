using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>A table that a test can take away from one silo.</summary>
internal sealed class CuttableTable(IMemberTable table) : IMemberTable
{
    public bool IsAway { get; set; }

    private IMemberTable Present => IsAway ? throw new IOException("The test took the table away.") : table;

    public Task InitializeAsync(CancellationToken cancellation) => Present.InitializeAsync(cancellation);

    public Task<TableSnapshot> ReadAsync(CancellationToken cancellation) => Present.ReadAsync(cancellation);

    public Task<bool> InsertAsync(MemberRow row, int version, CancellationToken cancellation) => Present.InsertAsync(row, version, cancellation);

    public Task<bool> UpdateAsync(MemberRow row, int version, CancellationToken cancellation) => Present.UpdateAsync(row, version, cancellation);

    public Task WriteAliveAsync(SiloAddress silo, DateTime moment, CancellationToken cancellation) =>
        Present.WriteAliveAsync(silo, moment, cancellation);

    public Task RemoveDeadAsync(DateTime before, CancellationToken cancellation) => Present.RemoveDeadAsync(before, cancellation);
}
