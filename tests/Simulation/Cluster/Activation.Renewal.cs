namespace Admission.Simulation;

/// <content>
/// The silo, which renews the authority of its ledgers: one statement at a time, now and then slow, lost, or answered after the silo has stood still.
/// </content>
internal sealed partial class Activation
{
    /// <summary>The silo asks whether its ledger's epoch is still the highest that was claimed.</summary>
    public void Renew()
    {
        if (Ledger is null or { SteppedDown: true } || _leaving)
        {
            return;
        }

        Submit(new StoreOperation(StoreKind.Renew, null, 0, null) { Epoch = Ledger.Epoch, ClockBeganAt = Clock.GetTimestamp() });
        if (_world.Scenario.StallsRenewals && _world.Random.Chance(0.1))
        {
            _world.MayStall(this);
        }
    }

    private void BeginRenewals(StoreOperation begun)
    {
        if (!_world.Scenario.Claims)
        {
            return;
        }

        if (!_world.Tamper.ClaimsFirst)
        {
            Claim(begun);
        }

        // The silo's statement comes around for all its ledgers, whenever this one began.
        RenewIn(_world.Random.Between(0, _world.Scenario.Renewal.Ticks));
    }

    private void EndRenewal(StoreOperation operation, StoreOutcome outcome)
    {
        if (outcome != StoreOutcome.Stored)
        {
            RenewIn(_world.Random.Between(20 * Timeline.Millisecond, 100 * Timeline.Millisecond));
            return;
        }

        if (operation.StillOurs)
        {
            ConfirmedAt = Math.Max(ConfirmedAt, operation.BeganAt);
        }

        Ledger!.EndRenewal(_world.Tamper.RenewalBegan(operation.ClockBeganAt, Clock), operation.StillOurs);
        Flush();
        RenewIn(_world.Scenario.Renewal.Ticks);
    }

    /// <summary>Only a mutant claims its epoch when it has written it.</summary>
    private void EndLateClaim(StoreOperation operation, StoreOutcome outcome)
    {
        if (outcome != StoreOutcome.Stored)
        {
            Claim(operation);
        }
    }

    private void RenewIn(long ticks) => _world.Events.Add(_world.Now + ticks, EventKind.RenewalDue, Index);
}
