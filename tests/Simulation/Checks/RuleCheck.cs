namespace Admission.Simulation;

/// <summary>
/// Two rules that promise 1 rests on when there are two ledgers, checked by true time, so that a breach shows before it has led to too many permits.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Epoch: an epoch is claimed once, each claim is higher than all before and than the record, and each epoch that begins is higher than the one before.</item>
/// <item>Authority: once a ledger has begun, no ledger of a lower epoch grants or renews anything after the time for which its authority lasts: the new one waits for
/// so long, from when it began.</item>
/// </list>
/// </remarks>
internal sealed class RuleCheck(World world)
{
    public void EpochClaimed(long claimed, long highest, long recorded)
    {
        if (world.Scenario.ChecksEpochs && (claimed <= highest || claimed <= recorded))
        {
            throw world.Broken("Epoch", $"epoch {claimed} was claimed, but {highest} was claimed before, and the record has {recorded}.");
        }
    }

    public void EpochBegins(long epoch, long former)
    {
        if (world.Scenario.ChecksEpochs && epoch <= former)
        {
            throw world.Broken("Epoch", $"epoch {epoch} begins after {former}.");
        }
    }

    public void LedgerBegins(Activation begun)
    {
        foreach (var other in world.Activations)
        {
            if (other.Ledger is null || other == begun)
            {
                continue;
            }

            if (other.Epoch < begun.Epoch)
            {
                other.SucceededAt = Math.Min(other.SucceededAt, world.Now);
            }
            else
            {
                // It was overtaken before it began: the other has begun to count already.
                begun.SucceededAt = Math.Min(begun.SucceededAt, other.BegunAt);
            }
        }
    }

    /// <summary>A message leaves a ledger. Any that it has booked something for renews a lease.</summary>
    public void Sent(Activation activation, LedgerMessage message)
    {
        if (message.Sequence == 0 || activation.SucceededAt == long.MaxValue || !world.Scenario.ChecksAuthority)
        {
            return;
        }

        // By a clock that is half a percent slow.
        var end = activation.SucceededAt + (long)(world.Scenario.AuthorityTtl.Ticks * 1.005);
        if (world.Now > end)
        {
            throw world.Broken("Authority", $"the ledger of epoch {activation.Epoch} writes to {message.Holder} {(world.Now - end) / Timeline.Millisecond} ms after its authority must have run out.");
        }
    }
}
