using System.Diagnostics;

namespace Admission.Frontend.Tests.Support;

/// <summary>Waits for what a test waits for, and says what did not come.</summary>
internal static class Until
{
    public static Task TrueAsync(Func<bool> condition, string otherwise) => TrueAsync(() => Task.FromResult(condition()), otherwise);

    public static async Task TrueAsync(Func<Task<bool>> condition, string otherwise)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(15), otherwise);
            await Task.Delay(5);
        }
    }
}
