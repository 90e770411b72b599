using Admission.Security.Callers;
using Admission.Security.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Admission.Security.Tests;

/// <summary>Where keys are found in headers, and that none stays there.</summary>
public sealed class SentKeyTests
{
    private static readonly string Key = ApiKey.Create();

    [Fact]
    public void A_key_is_taken_off_wherever_it_stands()
    {
        foreach (var (name, values, found, rest) in new (string, StringValues, bool, StringValues)[]
        {
            ("Authorization", $"Bearer {Key}", true, default),
            ("Authorization", $"bearer\t{Key}", true, default),
            ("Authorization", new[] { "Basic abc", $"Bearer {Key}" }, true, "Basic abc"),
            ("Authorization", $"ApiKey {Key}", false, default),
            ("X-Api-Key", Key, true, default),
            ("X-Api-Key", new[] { "theirs", Key }, true, "theirs"),
            ("X-Api-Key", $"theirs, {Key}", false, default),
        })
        {
            var headers = new HeaderDictionary { [name] = values };
            SentKey.Of(headers).ShouldBe(found ? Key : null, values.ToString());
            SentKey.Remove(headers);
            headers[name].ShouldBe(rest, values.ToString());
        }
    }

    [Theory]
    [InlineData("Authorization", "Bearer adm_theirs")]
    [InlineData("Authorization", "Basic YWRtXzp4")]
    [InlineData("X-Api-Key", "adm_live_1234")]
    public void What_is_none_of_ours_stays(string name, string value)
    {
        var headers = new HeaderDictionary { [name] = value };
        SentKey.Remove(headers);
        headers[name].ToString().ShouldBe(value);
    }

    [Fact]
    public void Other_headers_are_left_alone() => SentKey.Without("X-Note", Key).ToString().ShouldBe(Key);
}
