namespace Admission.Jobs.Running;

/// <summary>How many jobs of each tenant a runner has taken up that wait for a permit. Thread-safe.</summary>
internal sealed class TenantPlaces
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _waiting = new(StringComparer.Ordinal);

    /// <summary>One more waits.</summary>
    public void Add(string tenant)
    {
        lock (_gate)
        {
            _waiting[tenant] = _waiting.GetValueOrDefault(tenant) + 1;
        }
    }

    /// <summary>One waits no more.</summary>
    /// <returns>How many there were with it.</returns>
    public int Remove(string tenant)
    {
        lock (_gate)
        {
            var waiting = _waiting[tenant];
            if (waiting == 1)
            {
                _waiting.Remove(tenant);
            }
            else
            {
                _waiting[tenant] = waiting - 1;
            }

            return waiting;
        }
    }

    /// <summary>As it is now.</summary>
    public IReadOnlyDictionary<string, int> Snapshot()
    {
        lock (_gate)
        {
            return new Dictionary<string, int>(_waiting, StringComparer.Ordinal);
        }
    }
}
