namespace Admission.Dashboard.Feed.Rounds;

/// <summary>Bounds the viewers of everything together. Thread-safe.</summary>
internal sealed class FeedPlaces(int most)
{
    private int _taken;

    /// <summary>Takes a place, if there is one.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref _taken);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBack() => Interlocked.Decrement(ref _taken);
}
