namespace Admission.Grains.Authority;

/// <summary>
/// A ledger whose authority its silo renews. The silo leaves the newest outcome here, and the grain takes it on its own turn, before it asks its ledger
/// for anything: a ledger that is not asked grants nothing, so no thread but the grain's ever touches it.
/// </summary>
public sealed class AuthorityRegistration : IDisposable
{
    private readonly Action<AuthorityRegistration>? _forget;
    private AuthorityRenewal? _newest;

    internal AuthorityRegistration(LedgerClaim claim, Action<AuthorityRegistration>? forget)
    {
        Claim = claim;
        _forget = forget;
    }

    /// <summary>The ledger's claim.</summary>
    public LedgerClaim Claim { get; }

    /// <summary>Takes the newest outcome that was not yet taken; null if there is none.</summary>
    public AuthorityRenewal? Take() => Volatile.Read(ref _newest) is null ? null : Interlocked.Exchange(ref _newest, null);

    /// <inheritdoc/>
    public void Dispose() => _forget?.Invoke(this);

    /// <summary>Leaves an outcome. Renewals come one after another, so it is the newest.</summary>
    internal void Put(AuthorityRenewal renewal) => Volatile.Write(ref _newest, renewal);
}
