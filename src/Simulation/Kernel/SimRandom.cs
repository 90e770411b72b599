namespace Admission.Simulator;

/// <summary>
/// The one source of chance in a run (SplitMix64): the same on every machine and version, so a seed replays exactly.
/// Source: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
/// </summary>
/// <param name="seed">Two runs with one seed are the same.</param>
public sealed class SimRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>64 random bits.</summary>
    public ulong Bits()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below 1.</summary>
    public double Unit() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with a probability.</summary>
    /// <param name="probability">From 0 to 1.</param>
    public bool Chance(double probability) => Unit() < probability;

    /// <summary>A whole number from 0 to below <paramref name="bound"/>.</summary>
    /// <param name="bound">At least 1.</param>
    public int Below(int bound) => (int)(Unit() * bound);

    /// <summary>A number between two, both included.</summary>
    /// <param name="least">The least.</param>
    /// <param name="most">The most.</param>
    public long Between(long least, long most) => least + (long)(Unit() * (most - least + 1));

    /// <summary>A number from one to below another.</summary>
    /// <param name="least">The least.</param>
    /// <param name="most">Above the most.</param>
    public double Between(double least, double most) => least + (Unit() * (most - least));

    /// <summary>Between two numbers, small ones as likely as large ones.</summary>
    /// <param name="least">The least; above 0.</param>
    /// <param name="most">Above the most.</param>
    public double Scale(double least, double most) => least * Math.Exp(Unit() * Math.Log(most / least));

    /// <summary>Exponentially distributed; at most eight times its mean.</summary>
    /// <param name="mean">The mean.</param>
    public long Exponential(long mean) => (long)(mean * Math.Min(8, -Math.Log(1 - Unit())));

    /// <summary>One of several, each as likely as the others.</summary>
    /// <typeparam name="T">What they are.</typeparam>
    /// <param name="choices">At least one.</param>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];
}
