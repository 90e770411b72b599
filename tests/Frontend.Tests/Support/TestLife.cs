using Admission.Capacity;

namespace Admission.Frontend.Tests.Support;

/// <summary>A holder's life with a lease.</summary>
internal static class TestLife
{
    public static HolderLife Start(BackendPolicy policy, TimeProvider? time = null)
    {
        var pool = new PermitPool("test", 1, policy, time ?? TimeProvider.System);
        pool.Acquire(default, new Waiter(), out _);
        for (var exchange = 0; exchange < 2; exchange++)
        {
            var report = pool.BeginExchange()!;
            pool.EndExchange(new LedgerMessage
            {
                Epoch = 1, Holder = "test", Incarnation = 1, Sequence = exchange + 1, Status = LedgerStatus.Granting,
                AcknowledgedReport = report.Sequence, LeaseTtl = policy.LeaseTtl,
            });
        }

        pool.Life.HasLease.ShouldBeTrue();
        return pool.Life;
    }

    private sealed class Waiter : WaitingRequest
    {
        public override void Decided(in PoolResult result)
        {
        }
    }
}
