namespace Admission.Simulator;

/// <summary>Draws the frontend that a request goes to.</summary>
internal sealed class Balancer
{
    private readonly SimRandom _random;
    private readonly int _frontends;
    private readonly double[]? _upTo;

    public Balancer(ReplayOptions options)
    {
        _random = new SimRandom(options.Seed);
        _frontends = options.Frontends;
        if (options.Shares is not { } shares)
        {
            return;
        }

        var sum = 0.0;
        _upTo = [.. shares.Select(share => sum += share)];
        if (_upTo.Length != _frontends || sum <= 0 || shares.Any(share => share < 0))
        {
            throw new ArgumentException($"{_frontends} frontends need as many shares, none below 0 and one above 0.", nameof(options));
        }
    }

    public int Next() => (_frontends, _upTo) switch
    {
        (1, _) => 0,
        (_, null) => _random.Below(_frontends),
        _ => Drawn(_upTo),
    };

    private int Drawn(double[] upTo)
    {
        var at = _random.Unit() * upTo[^1];
        var found = Array.BinarySearch(upTo, at);

        // A share ends before its bound: what lies on it belongs to the next.
        var index = found >= 0 ? found + 1 : ~found;
        return Math.Min(index, upTo.Length - 1);
    }
}
