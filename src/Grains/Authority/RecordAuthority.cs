namespace Admission.Grains.Authority;

/// <summary>The embedded default: the record alone has the epoch, and each ledger renews its authority by writing it.</summary>
internal sealed class RecordAuthority : IEpochAuthority
{
    public bool Renews => false;

    public Task<long> NextEpochAsync(string backend, long recorded, CancellationToken cancellationToken) => Task.FromResult(recorded + 1);

    public AuthorityRegistration Register(string backend, long epoch) => new(new LedgerClaim(backend, epoch), null);
}
