using System.Diagnostics;

namespace Admission.Testing;

/// <summary>Waits for a condition, with a bound.</summary>
public static class Until
{
    public static Task TrueAsync(Func<bool> condition, TimeSpan bound, Func<string> otherwise) =>
        TrueAsync(() => Task.FromResult(condition()), bound, otherwise);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan bound, Func<string> otherwise)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > bound)
            {
                throw new TimeoutException($"Not within {bound}: {otherwise()}");
            }

            await Task.Delay(5);
        }
    }
}
