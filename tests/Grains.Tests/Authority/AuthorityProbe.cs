using Admission.Grains.Authority;

namespace Admission.Grains.Tests.Authority;

/// <summary>Claims in memory, shared by silos, that can be made to fail or to take time.</summary>
internal sealed class AuthorityProbe(ManualTime time) : IAuthorityStore
{
    public Dictionary<string, long> Claimed { get; } = [];

    public Exception? Failure { get; set; }

    /// <summary>How long a renewal takes after it was executed.</summary>
    public TimeSpan AnswerTakes { get; set; }

    public List<LedgerClaim[]> Renewals { get; } = [];

    public Task<long> ClaimAsync(string backend, long recorded, CancellationToken cancellationToken) =>
        Failure is { } failure
            ? Task.FromException<long>(failure)
            : Task.FromResult(Claimed[backend] = Math.Max(Claimed.GetValueOrDefault(backend), recorded) + 1);

    public Task<IReadOnlySet<LedgerClaim>> RenewAsync(IReadOnlyCollection<LedgerClaim> ledgers, TimeSpan authorityTtl, CancellationToken cancellationToken)
    {
        if (Failure is { } failure)
        {
            return Task.FromException<IReadOnlySet<LedgerClaim>>(failure);
        }

        Renewals.Add([.. ledgers]);
        IReadOnlySet<LedgerClaim> ours = ledgers.Where(ledger => Claimed.GetValueOrDefault(ledger.Backend) == ledger.Epoch).ToHashSet();
        time.Advance(AnswerTakes);
        return Task.FromResult(ours);
    }
}
