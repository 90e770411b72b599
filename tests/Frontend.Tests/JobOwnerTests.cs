using System.Security.Claims;
using Admission.Frontend.Deferring;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

public class JobOwnerTests
{
    [Fact]
    public void A_job_of_an_authenticated_caller_is_for_that_caller_alone()
    {
        var owner = JobOwner.Of(By("test", new("sub", "42"), new(ClaimTypes.Name, "Ann")));
        owner.ShouldBe("42");
        JobOwner.MaySee(By("test", new Claim("sub", "42")), owner).ShouldBeTrue();
        JobOwner.MaySee(By("other", new Claim(ClaimTypes.NameIdentifier, "42")), owner).ShouldBeTrue();
        JobOwner.MaySee(By("test", new Claim("sub", "43"), new Claim(ClaimTypes.Name, "42")), owner).ShouldBeFalse();
        JobOwner.MaySee(By(null), owner).ShouldBeFalse();
    }

    [Fact]
    public void What_an_identity_says_that_nobody_has_authenticated_does_not_count()
    {
        JobOwner.Of(By(null, new Claim("sub", "42"))).ShouldBeNull();
        JobOwner.MaySee(By(null, new Claim("sub", "42")), "42").ShouldBeFalse();
    }

    [Fact]
    public void A_job_of_nobody_is_for_whoever_has_its_id()
    {
        JobOwner.Of(By(null)).ShouldBeNull();
        JobOwner.MaySee(By(null), null).ShouldBeTrue();
        JobOwner.MaySee(By("test", new Claim("sub", "42")), null).ShouldBeTrue();
    }

    [Fact]
    public void An_authenticated_caller_without_a_subject_has_a_name_or_at_least_is_not_anonymous()
    {
        JobOwner.Of(By("test", new Claim(ClaimTypes.Name, "Ann"))).ShouldBe("Ann");
        var nameless = JobOwner.Of(By("test"));
        nameless.ShouldBe("");
        JobOwner.MaySee(By(null), nameless).ShouldBeFalse();
    }

    private static DefaultHttpContext By(string? authentication, params Claim[] claims) => new() { User = new ClaimsPrincipal(new ClaimsIdentity(claims, authentication)) };
}
