namespace Admission.Simulation;

/// <summary>
/// Hands out what a lost holder had without confirming its epoch after that holder's time. Otherwise it keeps to its authority.
/// </summary>
internal sealed class TakesBackUnconfirmed : Mutant
{
    public override StoreOutcome Outcome(Activation activation, StoreOutcome outcome) => HasAuthority(activation) ? StoreOutcome.Stored : outcome;

    public override LedgerMessage? FromLedger(Activation activation, LedgerMessage message) => HasAuthority(activation) ? message : null;

    private bool HasAuthority(Activation activation) => World.Now - activation.ConfirmedAt < World.Scenario.AuthorityTtl.Ticks;
}

/// <summary>Grants and renews for an hour after its last confirmation, while its successor expects the promised seconds.</summary>
internal sealed class GoesOnWithoutAuthority : Mutant
{
    public override LedgerOptions Options(LedgerOptions options) => options with { AuthorityTtl = TimeSpan.FromHours(1) };

    public override LedgerState Written(Activation activation, LedgerState state) => state with { AuthorityTtl = World.Scenario.AuthorityTtl };
}

/// <summary>Counts its first authority from when the answer to the write of its epoch came, as the product once did.</summary>
internal sealed class CountsAuthorityFromAnswer : Mutant
{
    public override long WriteBegan(long began, ProcessClock clock) => clock.GetTimestamp();
}

/// <summary>Does not wait for its predecessor's authority.</summary>
internal sealed class IgnoresFormerAuthority : Mutant
{
    public override LedgerState Restored(Activation activation, LedgerState state) => state with { AuthorityTtl = TimeSpan.Zero };
}

/// <summary>Counts a renewal from when its answer came. Meanwhile a successor may have claimed its epoch, and counted.</summary>
internal sealed class CountsRenewalFromAnswer : Mutant
{
    public override long RenewalBegan(long began, ProcessClock clock) => clock.GetTimestamp();
}

/// <summary>Takes a renewal that the store has answered for a confirmation, without comparing the epoch.</summary>
internal sealed class RenewsWithoutComparing : Mutant
{
    public override bool StillOurs(bool stillOurs) => true;
}

/// <summary>Writes its record first and then claims: its predecessor is renewed when it has begun to count already.</summary>
internal sealed class ClaimsAfterWriting : Mutant
{
    public override bool ClaimsFirst => false;

    public override long Claim(long claimed, long recorded) => Math.Max(claimed, recorded + 1);
}

/// <summary>Counts its predecessor's authority from when it had read the record, not from when it had written its own.</summary>
internal sealed class CountsFormerAuthorityFromReading : Mutant
{
    public override LedgerState Restored(Activation activation, LedgerState state)
    {
        var waited = TimeSpan.FromTicks(activation.Clock.GetTimestamp() - activation.ReadAt);
        return state with { AuthorityTtl = state.AuthorityTtl > waited ? state.AuthorityTtl - waited : TimeSpan.Zero };
    }
}

/// <summary>Claims the epoch after the one that it has read, whatever was claimed since.</summary>
internal sealed class ClaimsWhatItHasRead : Mutant
{
    public override long Claim(long claimed, long recorded) => recorded + 1;
}

/// <summary>Claims the epoch after the one claimed last, whatever the record has: one that no claim had begun, or that came from elsewhere.</summary>
internal sealed class ClaimsWithoutTheRecord : Mutant
{
    public override long Claim(long claimed, long recorded) => claimed + 1;
}
